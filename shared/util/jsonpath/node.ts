/** What a JSONPath expression is made of, in Kubernetes' dialect (kubectl.docs.kubernetes.io/references/kubectl/jsonpath). */
export type JSONPathNode =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'union'; readonly members: readonly (readonly JSONPathNode[])[] }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

/** `[start:end:step]`; one index is a slice of one. Undefined: to the list's ends, in steps of one. */
export interface Slice {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly step: number | undefined;
  /** The end follows from a single index. */
  readonly single: boolean;
}

/** `[?(left operator right)]`; operator `exists` has no right side. */
export interface Filter {
  readonly left: readonly JSONPathNode[];
  readonly operator: string;
  readonly right: readonly JSONPathNode[];
}

/** An expression that can't be read, or doesn't fit the data. */
export class JSONPathError extends Error {
  override readonly name = 'JSONPathError';
}
