import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { loadSpeech, rememberLanguage, SpeechContext, type Speech } from '../text/language.ts';
import type { Language } from '../text/languages.ts';

/** The language of the page, and the way to choose another one. */
export function SpeechProvider({ first, children }: { readonly first: Speech; readonly children: ReactNode }) {
  const [speech, setSpeech] = useState(first);
  const choose = useCallback((language: Language) => {
    rememberLanguage(language);
    void loadSpeech(language).then(setSpeech);
  }, []);
  useEffect(() => {
    document.documentElement.lang = speech.language === 'zh' ? 'zh-CN' : 'en';
  }, [speech.language]);
  const value = useMemo(() => ({ ...speech, choose }), [speech, choose]);
  return <SpeechContext value={value}>{children}</SpeechContext>;
}
