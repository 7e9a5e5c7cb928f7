export function writeOpenAPIDescriptions(outdir: string): void;
