/** Collects the paths of unknown fields during the traversal of an object: `spec.list[2].x`. */
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

  /** Records an unknown field of the current value. */
  record(key: string): void {
    this.enterKey(key);
    this.#found.push(this.#path.join(''));
    this.leave();
  }

  sorted(): string[] {
    return this.#found.sort();
  }
}
