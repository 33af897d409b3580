import '@mantine/notifications/styles.css';
import { Notifications } from '@mantine/notifications';

const MOST = 4;

/** Where toasts appear. */
export default function Toasts() {
  return <Notifications position="bottom-right" limit={MOST} />;
}
