export const BUDGETS_KB: Readonly<Record<string, number>>;
export const FUNCTIONS: readonly string[];
export function buildFunction(name: string, outdir: string): Promise<{ start: number; total: number }>;
