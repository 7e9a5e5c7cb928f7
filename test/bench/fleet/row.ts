/** What was measured, as text, and what it shall be. */
export type Row = readonly [figure: string, measured: string, goal: string];
