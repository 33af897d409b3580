import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import { useText } from '../text/language.ts';
import { Page } from '../ui/page.tsx';

export function Lost() {
  const text = useText();
  return (
    <Page title={text.common.notFound}>
      <Anchor component={Link} href="/">
        {text.common.toOverview}
      </Anchor>
    </Page>
  );
}
