/** The revision log on the embedded DynamoDB. The table of request units is also written to ARCHITECTURE.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openBench } from './bench-table.ts';
import { listTime } from './list-time.ts';
import { requestUnits } from './request-units.ts';
import { watchTime } from './watch-time.ts';
import { writeRates } from './write-rates.ts';

const BEGIN = '<!-- request units: npm run bench -- storage -->';
const END = '<!-- end of request units -->';

export async function run(): Promise<string> {
  const bench = await openBench();
  try {
    const units = await requestUnits(bench);
    document(units);
    const sections = [
      ['Request units', units],
      ['Writers', await writeRates(bench)],
      ['Lists', await listTime(bench)],
      ['Watches', await watchTime(bench)],
    ];
    return sections.map(([title, body]) => `## ${title}\n\n${body}`).join('\n\n');
  } finally {
    await bench.close();
  }
}

function document(units: string): void {
  const path = resolve('ARCHITECTURE.md');
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end === -1) throw new Error(`${path} has no place for the request units`);
  writeFileSync(path, `${text.slice(0, begin + BEGIN.length)}\n\n${units}\n\n${text.slice(end)}`);
}
