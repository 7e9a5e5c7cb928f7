/** Texts common to the documents of both OpenAPI versions. */

import { STATUS_CODES } from 'node:http';
import { BUILD } from '../routing/version.ts';

export const INFO = { title: 'Kubernetes', version: BUILD.gitVersion };
export const UNAUTHORIZED = 'Unauthorized';

/** The description of a response, by its code. */
export const responseText = (code: string): string => STATUS_CODES[code] ?? '';
