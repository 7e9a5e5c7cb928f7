/** `import html from './page.html?page'`: the page with its style and script inlined, ready to be sent. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const SUFFIX = '?page';

export const pagePlugin: Plugin = {
  name: 'page',
  setup(builder) {
    builder.onResolve({ filter: /\.html\?page$/ }, (args) => ({
      path: resolve(args.resolveDir, args.path.slice(0, -SUFFIX.length)),
      namespace: 'page',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'page' }, async ({ path }) => {
      const stem = path.slice(0, -'.html'.length);
      const [html, script, style] = await Promise.all([
        readFile(path, 'utf8'),
        bundled(`${stem}.ts`),
        bundled(`${stem}.css`),
      ]);
      const contents = html
        .replace('content="policy"', () => `content="${policy(script, style)}"`)
        .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
        .replace(/<script src[^>]*>/, () => `<script>${script}`);
      return {
        contents: `export default ${JSON.stringify(contents)}`,
        loader: 'js',
        watchFiles: [path, `${stem}.ts`, `${stem}.css`],
      };
    });
  },
};

async function bundled(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
  });
  return outputFiles[0]!.text.trim();
}

/** Content security policy: only the page's own script runs, and it only connects to its server. */
function policy(script: string, style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
