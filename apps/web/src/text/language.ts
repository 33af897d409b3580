import { createContext, useContext } from 'react';
import { en, type Text } from './en.ts';
import { createFormat, type Format } from './format.ts';
import { LANGUAGES, type Language } from './languages.ts';

const KEY = 'milvault.language';

export interface Speech {
  readonly language: Language;
  readonly text: Text;
  readonly format: Format;
}

/** Every language but the first is loaded when it is chosen. */
const LOAD: Readonly<Record<Language, () => Promise<Text>>> = {
  en: () => Promise.resolve(en),
  zh: async () => (await import('./zh.ts')).zh,
};

export async function loadSpeech(language: Language): Promise<Speech> {
  return { language, text: await LOAD[language](), format: createFormat(language) };
}

const isLanguage = (value: string | null): value is Language => LANGUAGES.some((one) => one === value);

/** What was chosen here, else what the browser asks for. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(KEY);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages
    .find((one) => /^(en|zh)/i.test(one))
    ?.toLowerCase()
    .startsWith('zh') === true
    ? 'zh'
    : 'en';
}

export const rememberLanguage = (language: Language): void => localStorage.setItem(KEY, language);

export const SpeechContext = createContext<Speech & { choose(language: Language): void }>({
  language: 'en',
  text: en,
  format: createFormat('en'),
  choose: () => undefined,
});

export const useSpeech = () => useContext(SpeechContext);
export const useText = (): Text => useContext(SpeechContext).text;
export const useFormat = (): Format => useContext(SpeechContext).format;
