/** A URI or path as accepted by Go's `url.ParseRequestURI`: an absolute URI or an absolute path. */

export interface RequestURI {
  readonly scheme: string;
  readonly host: string;
}

const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/;
const HOST = /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]*$/;
const USER_INFO = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/;
const validOptionalPort = (port: string): boolean => /^(:[0-9]*)?$/.test(port);

function parseHost(host: string): string | undefined {
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end === -1 || !validOptionalPort(host.slice(end + 1))) return undefined;
  } else {
    const colon = host.lastIndexOf(':');
    if (colon !== -1 && !validOptionalPort(host.slice(colon))) return undefined;
  }
  return HOST.test(host) && !BAD_ESCAPE.test(host) ? host : undefined;
}

function parseAuthority(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  if (at !== -1) {
    const user = authority.slice(0, at);
    if (!USER_INFO.test(user) || BAD_ESCAPE.test(user)) return undefined;
  }
  return parseHost(authority.slice(at + 1));
}

/** Undefined if `text` is neither. A path has an empty scheme and host. */
export function parseRequestURI(text: string): RequestURI | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  if (text === '*') return { scheme: '', host: '' };
  const schemeMatch = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text);
  if (schemeMatch === null && text.startsWith(':')) return undefined;
  const scheme = schemeMatch?.[1]?.toLowerCase() ?? '';
  const rest = (schemeMatch === null ? text : text.slice(scheme.length + 1)).split('?', 1)[0]!;
  if (!rest.startsWith('/')) return scheme === '' ? undefined : { scheme, host: '' };
  if (scheme === '' || !rest.startsWith('//'))
    return BAD_ESCAPE.test(rest) ? undefined : { scheme, host: '' };
  const slash = rest.indexOf('/', 2);
  const host = parseAuthority(slash === -1 ? rest.slice(2) : rest.slice(2, slash));
  if (host === undefined || (slash !== -1 && BAD_ESCAPE.test(rest.slice(slash)))) return undefined;
  return { scheme, host };
}
