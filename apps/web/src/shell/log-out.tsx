import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import { useText } from '../text/language.ts';

/** A form, as the API's own login page is one: the session lies in a cookie that no script can read. */
export function LogOut() {
  const text = useText();
  const { data } = useQuery(queries.session());
  if (data?.login !== true) return null;
  return (
    <form method="post" action="/logout">
      <Button type="submit" variant="default" size="xs" fullWidth>
        {text.shell.logOut}
      </Button>
    </form>
  );
}
