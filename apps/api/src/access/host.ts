import { isLoopback } from '@milvault/shared';

/** The host of a `Host` header, lower-case and without its port; null where it is not one. */
export function hostOf(authority: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(:\d{1,5})?$/i.exec(authority ?? '');
  return match?.[1]?.toLowerCase() ?? null;
}

/** A peer's address is this machine's own; a socket for both families shows IPv4 as `::ffff:127.0.0.1`. */
export const isLoopbackPeer = (ip: string): boolean => isLoopback(ip.replace(/^::ffff:/i, ''));
