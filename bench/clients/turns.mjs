import process from 'node:process';
import { settings } from '../servers/control.mjs';

const { messages, payloadBytes } = settings;

/** Counts messages, and answers as soon as a turn of them is there. */
export class Turns {
  #answer;
  #count = 0;
  #bytes = 0;

  constructor(answer) {
    this.#answer = answer;
  }

  take(length) {
    this.#bytes += length;
    if (++this.#count < messages) return;
    if (this.#bytes !== messages * payloadBytes) {
      console.error(`a turn had ${this.#bytes} bytes`);
      process.exit(1);
    }
    this.#count = 0;
    this.#bytes = 0;
    this.#answer();
  }
}
