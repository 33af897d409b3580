import { nameComplaint } from '../names.ts';
import { bucketComplaint, isBucketPlace } from '../places.ts';
import type { Complaint } from './faults.ts';
import { scheduleComplaint, timeComplaint, timeZoneComplaint } from './schedule.ts';

const CONTROL = /\p{Cc}/u;

function parseUrl(text: string): URL | null {
  return CONTROL.test(text) || !URL.canParse(text) ? null : new URL(text);
}

/** The host of a URL is this machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host) || host === '[::1]' || host === '::1';
}

const HOST = '(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?|\\[[0-9A-Fa-f:.]+\\])';
const HOST_ONLY = new RegExp(`^${HOST}$`);
const HOST_PORT = new RegExp(`^(?:(https?|tcp|grpc)://)?${HOST}(?::(\\d{1,5}))?/?$`, 'i');

const portFits = (port: string | undefined): boolean =>
  port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);

function addressComplaint(text: string): Complaint {
  const expected = 'host:port or http(s)://host:port, without user, path or query';
  // An address with a user part may hold a password: it is not shown.
  if (text.includes('@')) return { expected, got: 'an address with a user part (use token, or user and password)' };
  const match = HOST_PORT.exec(text);
  return match !== null && portFits(match[2]) && !text.includes('..') ? null : { expected };
}

function smtpComplaint(text: string): Complaint {
  const match = /^(.+?)(?::(\d{1,5}))?$/s.exec(text);
  const fits = match?.[1] !== undefined && HOST_ONLY.test(match[1]) && portFits(match[2]);
  return fits ? null : { expected: 'the host of a mail server, or host:port' };
}

/** A folder, or a bucket. */
function placeComplaint(text: string): Complaint {
  if (isBucketPlace(text)) return bucketComplaint(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { expected: 'a folder of this machine, or s3://bucket/prefix' };
  return pathComplaint(text);
}

function pathComplaint(text: string): Complaint {
  if (text.trim() === '') return { expected: 'a folder' };
  if (CONTROL.test(text)) return { expected: 'a folder without control characters in its name' };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { expected: 'a folder of this machine' };
  if (text.startsWith('~')) return { expected: 'a folder with its full path (`~` is not expanded)' };
  return null;
}

function redisComplaint(text: string): Complaint {
  const url = parseUrl(text);
  const fits = url !== null && (url.protocol === 'redis:' || url.protocol === 'rediss:') && url.hostname !== '';
  return fits ? null : { expected: 'redis://host:port or rediss://host:port' };
}

function httpComplaint(text: string): Complaint {
  const url = parseUrl(text);
  const fits = url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '';
  return fits ? null : { expected: 'an http:// or https:// address', got: 'something else' };
}

/** A webhook's address is a secret: whoever holds it may post. So it only travels encrypted, or not at all. */
export function webhookComplaint(text: string): Complaint {
  const expected = 'an https:// address without user and password (http:// only to this machine itself)';
  const url = parseUrl(text);
  if (url === null) return { expected, got: 'something that is not a URL' };
  if (url.username !== '' || url.password !== '') return { expected, got: 'a URL with a user or password' };
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return null;
  return { expected, got: url.protocol === 'http:' ? 'http:// to another machine' : `a ${url.protocol} URL` };
}

const BARE_ADDRESS = /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+$/;
const NAMED_ADDRESS = /^[^<>\p{Cc}]*<([^<>]+)>$/u;

function emailComplaint(text: string): Complaint {
  const address = NAMED_ADDRESS.exec(text)?.[1] ?? text;
  const fits = !CONTROL.test(text) && BARE_ADDRESS.test(address) && text.length <= 320;
  return fits ? null : { expected: 'one e-mail address: name@host or `Name <name@host>`' };
}

function hostComplaint(text: string): Complaint {
  return HOST_ONLY.test(text) || /^[0-9A-Fa-f:.]+$/.test(text) ? null : { expected: 'a host name or an IP address' };
}

/** `*`, `name`, `database.name` or `database.*`. */
function collectionComplaint(text: string): Complaint {
  const expected = 'name, database.name, database.* or *';
  const complaint = nameComplaint(text);
  if (complaint !== null) return { expected, got: `${JSON.stringify(text.slice(0, 80))} (${complaint})` };
  const parts = text.split('.');
  const stars = parts.slice(0, -1).some((part) => part.includes('*')) || /.\*|\*./.test(parts.at(-1) ?? '');
  return parts.length <= 2 && parts.every((part) => part !== '') && !stars ? null : { expected };
}

const filled = (text: string): Complaint => (text.trim() === '' ? { expected: 'a text that is not empty' } : null);

/** Every check that a text of the configuration can ask for by its name (`check` in the schema). */
export const CHECKS = {
  address: addressComplaint,
  collection: collectionComplaint,
  email: emailComplaint,
  filled,
  host: hostComplaint,
  http: httpComplaint,
  path: pathComplaint,
  place: placeComplaint,
  redis: redisComplaint,
  schedule: scheduleComplaint,
  smtp: smtpComplaint,
  time: timeComplaint,
  timeZone: timeZoneComplaint,
  webhook: webhookComplaint,
} as const satisfies Record<string, (text: string) => Complaint>;

export type CheckName = keyof typeof CHECKS;
