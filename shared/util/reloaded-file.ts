import type { ErrorLog } from './logger.ts';
import type { ReadFile } from './read-file.ts';

/** Milliseconds between two looks at a file, and after which what failed is tried again. */
const LOOK_MS = 1_000;
const RETRY_MS = 60_000;

export interface ReloadedFileOptions<T> {
  readonly path: string;
  readonly readFile: ReadFile;
  /** What the server came up with, and the text it was made from. */
  readonly value: T;
  readonly text: string;
  /** Rejects for what can't take the value's place. */
  load(text: string): Promise<T>;
  readonly logger: ErrorLog;
  readonly now?: (() => number) | undefined;
  /** Told of what is read, and when, in milliseconds since the epoch. */
  readonly observer?: ReadingsObserver | undefined;
}

export interface ReadingsObserver {
  /** It is what the server goes by. */
  applied(text: string): void;
  /** It has taken the place of another. */
  reloaded(text: string, now: number): void;
  failed(now: number): void;
}

/**
 * A configuration file that may change while the server runs. It is looked at when what it says is needed, at most once
 * a second: nothing runs while nobody asks, and a process that was frozen looks first. What can't be used changes
 * nothing, and is told of.
 */
export class ReloadedFile<T> {
  readonly #options: ReloadedFileOptions<T>;
  readonly #now: () => number;
  #text: string;
  #value: T;
  #lookAt: number;
  #retryAt: number | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: ReloadedFileOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#text = options.text;
    this.#value = options.value;
    this.#lookAt = this.#now() + LOOK_MS;
    options.observer?.applied(options.text);
  }

  /** What the file says by now. Never rejects. */
  async current(): Promise<T> {
    if (this.#loading === undefined && this.#now() >= this.#lookAt) this.#look();
    if (this.#loading !== undefined) await this.#loading;
    return this.#value;
  }

  #look(): void {
    const { path, readFile } = this.#options;
    const now = this.#now();
    this.#lookAt = now + LOOK_MS;
    let text: string;
    try {
      text = readFile(path);
    } catch (error) {
      this.#fail(error);
      this.#lookAt = now + RETRY_MS;
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
