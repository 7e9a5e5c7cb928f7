import { randomUUID } from 'node:crypto';
import { headerOf } from '../../request/api-request.ts';
import type { Filter } from '../routing/handler.ts';
import { withHeaders } from '../routing/serving-context.ts';

const AUDIT_ID = 'audit-id';
const MAX_AUDIT_ID_LENGTH = 64;

/** Assigns the request its audit id: the one from the client's header, or a new one. */
export const withAuditInit: Filter = async (context, next) => {
  const given = headerOf(context.request.headers, AUDIT_ID) ?? '';
  const auditID = /^[\x21-\x7e]+$/.test(given) ? given.slice(0, MAX_AUDIT_ID_LENGTH) : randomUUID();
  context.audit = { ...context.audit, auditID };
  return withHeaders(await next(context), { [AUDIT_ID]: auditID });
};
