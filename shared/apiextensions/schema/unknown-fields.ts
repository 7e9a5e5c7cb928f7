/** Collects the paths of fields that a schema doesn't know, while an object is walked: `spec.list[2].x`. */
export class UnknownFields {
  readonly #found: string[] = [];
  readonly #path: string[] = [];

  enterKey(key: string): void {
    this.#path.push(this.#path.length === 0 ? key : `.${key}`);
  }

  enterIndex(index: number): void {
    this.#path.push(`[${index}]`);
  }

  leave(): void {
    this.#path.pop();
  }

  /** An unknown field of the value that the walk stands at. */
  record(key: string): void {
    this.enterKey(key);
    this.#found.push(this.#path.join(''));
    this.leave();
  }

  sorted(): string[] {
    return this.#found.sort();
  }
}
