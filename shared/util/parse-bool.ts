const VALUES: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** Parses as Go's strconv.ParseBool does; undefined: invalid syntax. */
export const parseBool = (text: string): boolean | undefined => VALUES.get(text);
