import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The beginning tells people and scanners of leaked secrets what it is. */
const SHAPE = /^mv_[\w-]{43}$/;

/** A new token: 256 random bits. */
export const newToken = (): string => `mv_${randomBytes(32).toString('base64url')}`;

/** Whether a text could be a token that was made here. */
export const isMadeToken = (text: string): boolean => SHAPE.test(text);

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What is kept of a token. Without salt and stretching: nobody guesses 256 random bits. */
export const hashOf = (token: string): string => sha256(token).toString('hex');

/** Takes the same time whatever is given, whatever its length. */
export const isEqual = (one: string, other: string): boolean => timingSafeEqual(sha256(one), sha256(other));

export const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64url');
