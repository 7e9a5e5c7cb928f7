/**
 * The syntax tree of a JSONPath expression in Kubernetes' dialect
 * (kubectl.docs.kubernetes.io/references/kubectl/jsonpath).
 */
export type JSONPathNode =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'union'; readonly members: readonly (readonly JSONPathNode[])[] }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

/** `[start:end:step]`; a single index is a slice of one element. Undefined: the ends of the list, a step of one. */
export interface Slice {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly step: number | undefined;
  /** Written as a single index, from which the end follows. */
  readonly single: boolean;
}

/** `[?(left operator right)]`; the operator `exists` has no right side. */
export interface Filter {
  readonly left: readonly JSONPathNode[];
  readonly operator: string;
  readonly right: readonly JSONPathNode[];
}

/** An expression that can't be parsed or does not fit the data. */
export class JSONPathError extends Error {
  override readonly name = 'JSONPathError';
}
