/** A path into an object, in the format of upstream's `field.Path`: `spec.ports[0].name`, `metadata.labels[a/b]`. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #segment: string;

  private constructor(parent: FieldPath | undefined, segment: string) {
    this.#parent = parent;
    this.#segment = segment;
  }

  /** Starts a path: `FieldPath.of('spec', 'ports')`. */
  static of(name: string, ...more: string[]): FieldPath {
    return new FieldPath(undefined, name).child(...more);
  }

  child(...names: string[]): FieldPath {
    let path: FieldPath = this;
    for (const name of names)
      path = new FieldPath(path, path.#segment === '' && !path.#parent ? name : `.${name}`);
    return path;
  }

  index(index: number): FieldPath {
    return new FieldPath(this, `[${index}]`);
  }

  key(key: string): FieldPath {
    return new FieldPath(this, `[${key}]`);
  }

  toString(): string {
    return `${this.#parent ?? ''}${this.#segment}`;
  }
}
