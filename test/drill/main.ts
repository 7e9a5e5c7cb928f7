/** `npm run drill`: the drill with as many objects and clients as asked, step by step. */

import { parseArgs } from 'node:util';
import { drill } from './drill.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '10000' },
    writers: { type: 'string', default: '8' },
    watchers: { type: 'string', default: '4' },
  },
});
const begin = performance.now();
const say = (what: string) => console.log(`${((performance.now() - begin) / 1000).toFixed(1)} s  ${what}`);
const report = await drill({
  objects: Number(values.objects),
  writers: Number(values.writers),
  watchers: Number(values.watchers),
  say,
});
say('done');
console.log(report);
process.exit(0);
