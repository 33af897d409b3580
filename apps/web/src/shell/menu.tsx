import { Select, Stack, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { BookOpen, Layers } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { useLive } from '../api/live.ts';
import { PAGES } from '../pages/registry.ts';
import { useSpeech, useText } from '../text/language.ts';
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../text/languages.ts';
import { LogOut } from './log-out.tsx';
import css from './shell.module.css';

export function Menu() {
  return (
    <Stack justify="space-between" h="100%" gap="lg" style={{ overflowY: 'auto' }}>
      <Stack gap={3}>
        <PageLinks />
        <Elsewhere />
      </Stack>
      <div className={css['foot']}>
        <Live />
        <ChooseLanguage />
        <ChooseColours />
        <LogOut />
      </div>
    </Stack>
  );
}

function PageLinks() {
  const text = useText();
  const [location] = useLocation();
  return PAGES.map(({ path, menu }) => {
    if (menu === undefined) return null;
    const { icon: Icon, title } = menu;
    const here = path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`);
    return (
      <Link key={path} href={path} className={css['link'] ?? ''} {...(here ? { 'aria-current': 'page' } : {})}>
        <Icon size={18} aria-hidden />
        {title(text)}
      </Link>
    );
  });
}

/** Pages that the API serves beside this one. */
function Elsewhere() {
  const text = useText();
  return (
    <>
      <a className={css['link']} href="/queues">
        <Layers size={18} aria-hidden />
        {text.shell.board}
      </a>
      <a className={css['link']} href="/docs">
        <BookOpen size={18} aria-hidden />
        {text.shell.docs}
      </a>
    </>
  );
}

function Live() {
  const text = useText();
  const state = useLive();
  return (
    <span className={css['live']} data-state={state} role="status">
      <span className={css['dot']} aria-hidden />
      {state === 'live' ? text.shell.live : text.shell.waiting}
    </span>
  );
}

function ChooseLanguage() {
  const { text, language, choose } = useSpeech();
  return (
    <Select
      size="xs"
      aria-label={text.shell.language}
      data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
      value={language}
      allowDeselect={false}
      // The list holds nothing else.
      onChange={(value) => choose(value as Language)}
    />
  );
}

function ChooseColours() {
  const text = useText();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { light, dark, auto, colours } = text.shell;
  return (
    <Select
      size="xs"
      aria-label={colours}
      data={[
        { value: 'auto', label: auto },
        { value: 'light', label: light },
        { value: 'dark', label: dark },
      ]}
      value={colorScheme}
      allowDeselect={false}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
    />
  );
}
