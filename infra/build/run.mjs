// Runs a TypeScript program: `node infra/build/run.mjs test/bench/main.ts [ARGUMENT...]`.
import { importProgram } from './importer.mjs';

const [entry, ...argv] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node infra/build/run.mjs ENTRY.ts [ARGUMENT...]');
  process.exit(2);
}
process.argv.splice(1, process.argv.length - 1, entry, ...argv);
await importProgram(entry);
