/** `npm run draw`: renders the dashboard's picture, after its definition has changed. */

import { writeFileSync } from 'node:fs';
import { DASHBOARD_PICTURE, drawDashboard, observeTemplate } from './dashboard-picture.ts';

writeFileSync(DASHBOARD_PICTURE, drawDashboard(observeTemplate()));
