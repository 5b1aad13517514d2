// A WebSocket client of a few lines (RFC 6455), since Node.js 18 has none: text messages out, text messages and the end in.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

export class TinyWebSocket {
  messages = [];
  closeCode = null;
  #input = Buffer.alloc(0);

  constructor(port, { secure = false, path = '/signal' } = {}) {
    this.socket = secure ? connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1');
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: parley.1\r\n\r\n`,
    );
    this.ended = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', () => {});
    this.open = new Promise((resolve) => this.socket.on('data', (bytes) => this.#read(bytes, resolve)));
  }

  send(message) {
    const text = Buffer.from(JSON.stringify(message));
    const head = Buffer.alloc(8);
    head.writeUInt16BE(0x81fe, 0);
    head.writeUInt16BE(text.length, 2); // the mask that follows is zero
    this.socket.write(Buffer.concat([head, text]));
  }

  #read(bytes, opened) {
    this.#input = Buffer.concat([this.#input, bytes]);
    if (this.#input.subarray(0, 4).toString() === 'HTTP') {
      const end = this.#input.indexOf('\r\n\r\n');
      if (end < 0) return;
      opened(this.#input.subarray(0, end).toString());
      this.#input = this.#input.subarray(end + 4);
    }
    while (this.#input.length >= 2) {
      const extended = this.#input[1] === 126;
      if (extended && this.#input.length < 4) return;
      const start = extended ? 4 : 2;
      const size = extended ? this.#input.readUInt16BE(2) : this.#input[1];
      if (this.#input.length < start + size) return;
      const payload = this.#input.subarray(start, start + size);
      if ((this.#input[0] & 0xf) === 1) this.messages.push(JSON.parse(payload));
      if ((this.#input[0] & 0xf) === 8) this.closeCode = payload.readUInt16BE(0);
      this.#input = this.#input.subarray(start + size);
    }
  }
}
