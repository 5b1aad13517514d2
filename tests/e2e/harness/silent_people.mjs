// Many people who only sit there: signaling without any media, all in the test's own process. For what a page does with a crowd.

import { createRequire } from 'node:module';
import { signToken } from './token.mjs';

// The driver brings it.
const { WebSocket } = createRequire(createRequire(import.meta.url).resolve('puppeteer-core'))('ws');

const names = ['Mina', 'Jonas', 'Amélie', 'Diego', 'Yuna', 'Olu', 'Freya', 'Kofi', 'Leila', 'Mateo', 'Sora', 'Ines', 'Viktor', 'Noor', 'Hana', 'Emil'];

/** `count` people come in, one after the other. Returns them; `say(message)` speaks for one of them. */
export async function silentPeople(stage, parley, room, count) {
  const people = [];
  for (let index = 0; index < count; index++) people.push(await enter(stage, parley, room, index));
  return people;
}

async function enter(stage, parley, room, index) {
  const identity = `guest-${index + 1}`;
  const name = `${names[index % names.length]} ${String.fromCharCode(65 + (index % 26))}.`;
  const socket = new WebSocket(`${parley.origin.replace('http', 'ws')}/signal`, 'parley.1');
  stage.defer(identity, async () => socket.terminate());
  const joined = new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'joined') resolve(message);
      if (message.type === 'error') reject(new Error(message.message ?? message.code));
    });
  });
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  const say = (message) => socket.send(JSON.stringify(message));
  say({ type: 'join', id: 1, token: signToken(room, identity, { name }), autoSubscribe: false });
  const { participant } = await joined;
  return { identity, name, id: participant.participant, say };
}
