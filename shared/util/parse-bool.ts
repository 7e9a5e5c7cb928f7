const VALUES: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** As Go's strconv.ParseBool; undefined: invalid syntax. */
export const parseBool = (text: string): boolean | undefined => VALUES.get(text);
