/**
 * Implements Go's `mail.ParseAddress` to decide whether a text is a single RFC 5322 address: `a@b.c` or `Some Name
 * <a@b.c>`.
 */

const ATOM = String.raw`[A-Za-z0-9!#$%&'*+\-/=?^_\x60{|}~\u0080-\u{10ffff}]+`;
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*`, 'u');

class AddressReader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  get empty(): boolean {
    return this.#rest === '';
  }

  /** Skips white space and comments. Returns false for an unterminated comment. */
  skip(): boolean {
    for (;;) {
      this.#rest = this.#rest.replace(/^[ \t]+/, '');
      if (!this.#rest.startsWith('(')) return true;
      let depth = 0;
      let end = 0;
      for (; end < this.#rest.length; end++) {
        const char = this.#rest[end];
        if (char === '\\') end++;
        else if (char === '(') depth++;
        else if (char === ')' && --depth === 0) break;
      }
      if (depth !== 0) return false;
      this.#rest = this.#rest.slice(end + 1);
    }
  }

  take(char: string): boolean {
    if (!this.#rest.startsWith(char)) return false;
    this.#rest = this.#rest.slice(char.length);
    return true;
  }

  /** Atoms separated by single dots. */
  dotAtom(): boolean {
    const match = DOT_ATOM.exec(this.#rest)?.[0];
    if (match === undefined) return false;
    this.#rest = this.#rest.slice(match.length);
    return !this.#rest.startsWith('.');
  }

  quoted(): boolean {
    const match = /^"(?:[^"\\\r\n]|\\[^\r\n])*"/.exec(this.#rest)?.[0];
    if (match === undefined) return false;
    this.#rest = this.#rest.slice(match.length);
    return true;
  }

  domainLiteral(): boolean {
    const match = /^\[[^[\]\\]*\]/.exec(this.#rest)?.[0];
    if (match === undefined) return false;
    this.#rest = this.#rest.slice(match.length);
    return true;
  }

  /** `local@domain`. Restores the position if there isn't one. */
  address(): boolean {
    const before = this.#rest;
    const ok =
      this.skip() &&
      (this.#rest.startsWith('"') ? this.quoted() : this.dotAtom()) &&
      this.skip() &&
      this.take('@') &&
      this.skip() &&
      (this.#rest.startsWith('[') ? this.domainLiteral() : this.dotAtom());
    if (!ok) this.#rest = before;
    return ok;
  }

  phrase(): void {
    while (this.skip() && (this.#rest.startsWith('"') ? this.quoted() : this.dotAtom()));
  }
}

export function isEmail(text: string): boolean {
  const reader = new AddressReader(text);
  if (!reader.address()) {
    reader.phrase();
    if (!reader.take('<') || !reader.address() || !reader.skip() || !reader.take('>')) return false;
  }
  return reader.skip() && reader.empty;
}
