import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect, useRef } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { PAGES } from '../pages/registry.ts';
import { useText } from '../text/language.ts';
import { Loading } from '../ui/fetched.tsx';
import { Boundary } from './boundary.tsx';
import icon from './icon.svg';
import { Lost } from './lost.tsx';
import { Menu } from './menu.tsx';
import css from './shell.module.css';

const MENU_PX = 232;
const BAR_PX = 54;

/** The frame of every page: the menu, and the page whose address it is. */
export function Shell() {
  const text = useText();
  const [opened, { toggle, close }] = useDisclosure(false);
  const main = useArrival(close);
  return (
    <AppShell
      header={{ height: { base: BAR_PX, sm: 0 } }}
      navbar={{ width: MENU_PX, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a className={css['skip']} href="#main">
        {text.shell.skip}
      </a>
      <AppShell.Header hiddenFrom="sm" className={css['bar'] ?? ''}>
        <Group h="100%" px="md" justify="space-between">
          <Brand />
          <Burger opened={opened} onClick={toggle} size="sm" aria-label={text.shell.menu} aria-expanded={opened} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="md" className={css['bar'] ?? ''} aria-label={text.shell.navigation}>
        <Group visibleFrom="sm" pb="lg" px={6} pt={4}>
          <Brand />
        </Group>
        <Menu />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
        <div className={css['main']}>
          <Pages />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

const Brand = () => (
  <Link href="/" className={css['brand'] ?? ''}>
    <img src={icon} width={28} height={28} alt="" />
    milvault
  </Link>
);

function Pages() {
  const [location] = useLocation();
  return (
    <Boundary key={location}>
      <Suspense fallback={<Loading lines={6} />}>
        <Switch>
          {PAGES.map(({ path, component: Component }) => (
            <Route key={path} path={path}>
              {(params) => <Component params={params as Record<string, string | undefined>} />}
            </Route>
          ))}
          <Route>
            <Lost />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}

/** On another page the menu closes, and the keyboard and the screen reader go on at the page itself. */
function useArrival(closeMenu: () => void) {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(location);
  useEffect(() => {
    if (shown.current === location) return;
    shown.current = location;
    closeMenu();
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [location, closeMenu]);
  return main;
}
