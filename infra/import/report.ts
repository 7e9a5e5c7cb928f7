/** What an import could not do by itself, by subject. */
export class Report {
  readonly #lines = new Map<string, string[]>();

  add(subject: string, line: string): void {
    const lines = this.#lines.get(subject) ?? [];
    this.#lines.set(subject, lines);
    lines.push(line);
  }

  format(): string {
    if (this.#lines.size === 0) return 'Nothing is owed.\n';
    return [...this.#lines]
      .map(([subject, lines]) => `${subject}\n${lines.map((line) => `  ${line}\n`).join('')}`)
      .join('\n');
  }
}
