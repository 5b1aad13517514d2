// Tokens as any LiveKit token server makes them, for the cases that `parley token` rightly does not offer.

import { createHmac } from 'node:crypto';

/** For --api-key: the server accepts what is signed with it. */
export const apiKey = { name: 'tests', secret: 'a secret of the tests, 32 characters or more' };
export const acceptApiKey = ['--api-key', `${apiKey.name}:${apiKey.secret}`];

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed token; `claims` are added to, or replace, those of somebody who may join `room` for an hour from now. */
export function signToken(room, identity, claims = {}, { secret = apiKey.secret, header = {} } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const body = { iss: apiKey.name, sub: identity, nbf: now, exp: now + 3600, video: { roomJoin: true, room }, ...claims };
  const text = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(body)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
