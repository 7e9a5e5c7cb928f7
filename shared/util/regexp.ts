/**
 * Regular expressions with the syntax and semantics of Go (RE2). Matching takes linear time for any pattern, so that a
 * tenant's pattern can't block the process. The engine is loaded when the first pattern is requested.
 */

import { checkRegexpSize } from './regexp-size.ts';

interface Compiled {
  test(text: string): boolean;
}

/** Declared here because the engine's own types are not installed with the package. */
interface Engine {
  compile(pattern: string): Compiled;
}

/** Compiles on first use; an unused pattern costs nothing. */
export class GoRegexp {
  readonly pattern: string;
  readonly #engine: Engine;
  #compiled: Compiled | undefined;

  constructor(engine: Engine, pattern: string) {
    this.#engine = engine;
    this.pattern = pattern;
  }

  /** Whether the pattern matches anywhere in `text`. Throws for an invalid pattern, with Go's message. */
  test(text: string): boolean {
    this.#compiled ??= this.#compile();
    return this.#compiled.test(text);
  }

  /** Go's message for an invalid pattern; undefined for a valid one. */
  syntaxError(): string | undefined {
    try {
      this.#compiled ??= this.#compile();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #compile(): Compiled {
    checkRegexpSize(this.pattern);
    return this.#engine.compile(this.pattern);
  }
}

export type RegexpFactory = (pattern: string) => GoRegexp;

/** Patterns still referenced, so that checking a schema and then serving it compiles each pattern once. */
const inUse = new Map<string, WeakRef<GoRegexp>>();
const ended = new FinalizationRegistry<string>((pattern) => {
  if (inUse.get(pattern)?.deref() === undefined) inUse.delete(pattern);
});

/** Loads the engine; the returned factory is synchronous. */
export async function loadRegexps(): Promise<RegexpFactory> {
  const { RE2JS } = await import('re2js');
  return (pattern) => {
    const known = inUse.get(pattern)?.deref();
    if (known !== undefined) return known;
    const made = new GoRegexp(RE2JS, pattern);
    inUse.set(pattern, new WeakRef(made));
    ended.register(made, pattern);
    return made;
  };
}
