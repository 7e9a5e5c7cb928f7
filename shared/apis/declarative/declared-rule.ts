/** A rule that a type or a field declares: its name and arguments, as `rules.json` has it. */
export type DeclaredRule = readonly [name: string, ...args: unknown[]];

/** One field as `rules.json` has it; the keys are explained in shared/apis/README.md. */
export interface DeclaredField {
  readonly rules?: readonly DeclaredRule[];
  /** The type of the value, or of the elements, where it declares rules too. */
  readonly type?: string;
  readonly container?: 'array' | 'map';
  /** Unset is not zero. */
  readonly ptr?: true;
  /** A struct that is always there. */
  readonly struct?: true;
  /** What makes an element of a list one and the same: its fields' names; none: itself. */
  readonly keys?: readonly string[];
}

export interface DeclaredType {
  readonly rules?: readonly DeclaredRule[];
  readonly fields: Readonly<Record<string, DeclaredField>>;
}

/** By the type's name in its version. */
export type DeclaredTypes = Readonly<Record<string, DeclaredType>>;
