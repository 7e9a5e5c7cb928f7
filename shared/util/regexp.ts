/**
 * Regular expressions as Go reads them (RE2): linear time whatever the pattern, so that a tenant's pattern can't
 * hold the process. The engine is loaded when the first pattern is asked for.
 */

interface Compiled {
  test(text: string): boolean;
}

/** Said without the engine's own types, which who installs the package doesn't have. */
interface Engine {
  compile(pattern: string): Compiled;
}

/** Compiles on first use; a pattern that was never needed costs nothing. */
export class GoRegexp {
  readonly pattern: string;
  readonly #engine: Engine;
  #compiled: Compiled | undefined;

  constructor(engine: Engine, pattern: string) {
    this.#engine = engine;
    this.pattern = pattern;
  }

  /** Whether the pattern is found anywhere in `text`. Throws if the pattern is bad, saying so as Go does. */
  test(text: string): boolean {
    this.#compiled ??= this.#engine.compile(this.pattern);
    return this.#compiled.test(text);
  }

  /** Go's text for what is wrong with the pattern; undefined if nothing is. */
  syntaxError(): string | undefined {
    try {
      this.#compiled ??= this.#engine.compile(this.pattern);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

export type RegexpFactory = (pattern: string) => GoRegexp;

/** Those that somebody still has: who checks a schema and who then serves it compile a pattern once together. */
const inUse = new Map<string, WeakRef<GoRegexp>>();
const ended = new FinalizationRegistry<string>((pattern) => {
  if (inUse.get(pattern)?.deref() === undefined) inUse.delete(pattern);
});

/** Loads the engine; what it returns makes patterns without waiting. */
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
