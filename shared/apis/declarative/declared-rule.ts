/** A rule declared by a type or field: its name and arguments, as in `rules.json`. */
export type DeclaredRule = readonly [name: string, ...args: unknown[]];

/** A field as in `rules.json`; the keys are documented in shared/apis/README.md. */
export interface DeclaredField {
  readonly rules?: readonly DeclaredRule[];
  /** The type of the value or its elements, if it declares rules too. */
  readonly type?: string;
  readonly container?: 'array' | 'map';
  /** Whether unset differs from zero. */
  readonly ptr?: true;
  /** Whether it is a struct that is always present. */
  readonly struct?: true;
  /** The fields that identify an element of a list; if there are none, the element itself. */
  readonly keys?: readonly string[];
}

export interface DeclaredType {
  readonly rules?: readonly DeclaredRule[];
  readonly fields: Readonly<Record<string, DeclaredField>>;
}

/** Keyed by the type's name in its version. */
export type DeclaredTypes = Readonly<Record<string, DeclaredType>>;
