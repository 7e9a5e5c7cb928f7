import type { ErrorLog } from './logger.ts';
import type { ReadFile } from './read-file.ts';

/** Milliseconds between two checks of a file, and between a failure and the next attempt. */
const POLL_INTERVAL_MS = 1_000;
const RETRY_MS = 60_000;

export interface ReloadedFileOptions<T> {
  readonly path: string;
  readonly readFile: ReadFile;
  /** The value the server started with, and the text it was made from. */
  readonly value: T;
  readonly text: string;
  /** Rejects for text that can't replace the current value. */
  load(text: string): Promise<T>;
  readonly logger: ErrorLog;
  readonly now?: (() => number) | undefined;
  /** Notified of reads, with the time in milliseconds since the epoch. */
  readonly observer?: ReadingsObserver | undefined;
}

export interface ReadingsObserver {
  /** The text is in effect. */
  applied(text: string): void;
  /** The text has replaced an earlier one. */
  reloaded(text: string, now: number): void;
  failed(now: number): void;
}

/**
 * A configuration file that may change while the server runs. It is checked on use, at most once a second: no timer
 * runs while the server is idle, and a process that was frozen checks before it goes on. An invalid file is reported
 * and changes nothing.
 */
export class ReloadedFile<T> {
  readonly #options: ReloadedFileOptions<T>;
  readonly #now: () => number;
  #text: string;
  #value: T;
  #checkAt: number;
  #retryAt: number | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: ReloadedFileOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#text = options.text;
    this.#value = options.value;
    this.#checkAt = this.#now() + POLL_INTERVAL_MS;
    options.observer?.applied(options.text);
  }

  /** The current value, after a check of the file if one is due. Never rejects. */
  async current(): Promise<T> {
    if (this.#loading === undefined && this.#now() >= this.#checkAt) this.#check();
    if (this.#loading !== undefined) await this.#loading;
    return this.#value;
  }

  #check(): void {
    const { path, readFile } = this.#options;
    const now = this.#now();
    this.#checkAt = now + POLL_INTERVAL_MS;
    let text: string;
    try {
      text = readFile(path);
    } catch (error) {
      this.#fail(error);
      this.#checkAt = now + RETRY_MS;
      return;
    }
    if (text === this.#text && (this.#retryAt === undefined || now < this.#retryAt)) return;
    this.#text = text;
    this.#loading = this.#load(text);
  }

  async #load(text: string): Promise<void> {
    try {
      this.#value = await this.#options.load(text);
      this.#retryAt = undefined;
      this.#options.observer?.reloaded(text, this.#now());
    } catch (error) {
      this.#fail(error);
      this.#retryAt = this.#now() + RETRY_MS;
    } finally {
      this.#loading = undefined;
    }
  }

  #fail(error: unknown): void {
    this.#options.observer?.failed(this.#now());
    this.#options.logger.error(`Unable to reload ${this.#options.path}`, error);
  }
}
