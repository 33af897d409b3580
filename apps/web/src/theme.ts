import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** One colour of our own, and Mantine's greys: the page is calm, so that what is wrong stands out. */
export const theme = createTheme({
  primaryColor: 'vault',
  primaryShade: 8,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  colors: {
    dark: [
      '#d5dcde',
      '#bcc5c8',
      '#98a3a7',
      '#6b7679',
      '#3f4a4d',
      '#343e41',
      '#262e31',
      '#1c2325',
      '#14191b',
      '#0f1314',
    ],
    vault: [
      '#e6f7f6',
      '#d0ecea',
      '#a2d9d5',
      '#71c5bf',
      '#4bb3ac',
      '#33a8a0',
      '#249d95',
      '#148780',
      '#0b6e69',
      '#045b56',
    ],
  },
});

/** Mantine's dimmed text is too pale to read for many: these have a contrast of at least 4.5 to 1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6268',
    '--mantine-color-placeholder': '#6b7278',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--mantine-color-dimmed': '#aab1b8',
    '--mantine-color-placeholder': '#9aa1a8',
    '--mantine-color-error': '#ff8a80',
  },
});
