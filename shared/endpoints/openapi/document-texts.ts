/** What documents of both versions say of themselves. */

import { STATUS_CODES } from 'node:http';
import { BUILD } from '../routing/version.ts';

export const INFO = { title: 'Kubernetes', version: BUILD.gitVersion };
export const UNAUTHORIZED = 'Unauthorized';

/** Of an answer, by its code. */
export const responseText = (code: string): string => STATUS_CODES[code] ?? '';
