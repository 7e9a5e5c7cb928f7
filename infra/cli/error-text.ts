/** The message of a command's fatal error. */

export const NO_CREDENTIALS =
  'no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** For files and folders, by error code. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EEXIST: 'something else has that name',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  ENOTEMPTY: 'it is not empty',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
};

/** For addresses to listen on. */
const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use by another program',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is unknown',
};

interface AddressError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** Undefined: a different kind of error. */
function listenText(error: AddressError): string | undefined {
  const { code = '', syscall, address, port, hostname } = error;
  if (!['listen', 'getaddrinfo'].includes(syscall ?? '') || !Object.hasOwn(LISTEN_REASONS, code))
    return undefined;
  const at = port === undefined ? '' : `:${port}`;
  const place = hostname ?? (address?.includes(':') ? `[${address}]${at}` : `${address}${at}`);
  return `${place}: ${LISTEN_REASONS[code]}`;
}

/** A message for the user: the file or address, and the reason; otherwise the error's message. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (/CredentialsProviderError/.test(`${error.name} ${error.message}`)) return NO_CREDENTIALS;
  const listening = listenText(error);
  if (listening !== undefined) return listening;
  const { code = '', path, dest = path } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const reason = Object.hasOwn(FILE_REASONS, code) ? FILE_REASONS[code] : undefined;
  return reason === undefined || dest === undefined ? error.message : `${dest}: ${reason}`;
}
