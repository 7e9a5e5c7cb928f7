/** A measurement as text, and its goal. */
export type Row = readonly [figure: string, measured: string, goal: string];
