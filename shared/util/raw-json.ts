/** A large value kept as JSON text, which takes a fraction of the memory of the value itself. */
export class RawJSON {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
