/** Findings of an import that need manual work, by subject; without duplicate lines. */
export class Report {
  readonly #lines = new Map<string, Set<string>>();

  add(subject: string, line: string): void {
    const lines = this.#lines.get(subject) ?? new Set();
    this.#lines.set(subject, lines);
    lines.add(line);
  }

  format(): string {
    if (this.#lines.size === 0) return 'Nothing is owed.\n';
    return [...this.#lines]
      .map(([subject, lines]) => `${subject}\n${[...lines].map((line) => `  ${line}\n`).join('')}`)
      .join('\n');
  }
}
