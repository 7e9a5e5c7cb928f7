/** `npm run generate`: writes a `types.ts` beside every `types.json`. */

import { writeFileSync } from 'node:fs';
import { generateTypes } from './types-of-tables.ts';

for (const [path, text] of generateTypes()) writeFileSync(path, text);
