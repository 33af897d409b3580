import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { layerRules } from './eslint.layers.mjs';

const TIME = 'Time comes from the injected Clock (packages/shared/src/clock.ts), so that tests own it.';
const ENVIRONMENT =
  'The environment is read in one place (packages/shared/src/config/env.ts), so that every setting is documented.';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.milvault/**', '**/golden/**'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 16],
    },
  },
  {
    files: ['packages/**/*.ts', 'apps/**/*.ts', 'apps/**/*.tsx'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: TIME },
        { object: 'performance', property: 'now', message: TIME },
        { object: 'process', property: 'env', message: ENVIRONMENT },
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode and let the work end, so that nothing is cut off.',
        },
        { object: 'Math', property: 'random', message: 'Randomness is injected, so that tests own it.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: TIME },
      ],
      'no-restricted-globals': ['error', { name: 'setTimeout', message: TIME }, { name: 'setInterval', message: TIME }],
    },
  },
  {
    files: ['packages/shared/src/clock.ts', 'packages/shared/src/config/env.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off' },
  },
  {
    files: ['apps/web/**/*.ts', 'apps/web/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: TIME },
        {
          selector: 'ImportDeclaration[source.value="@milvault/shared"][importKind!="type"]',
          message:
            'The page takes only the types of shared, whose code is for Node; what it needs besides the API tells.',
        },
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Names are shown as text, everywhere.',
        },
      ],
    },
  },
  {
    files: ['apps/web/src/clock.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off' },
  },
  ...layerRules(),
  {
    files: ['scripts/**/*.ts', 'tests/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
