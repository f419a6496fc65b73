import { type ParseArgsConfig, parseArgs } from 'node:util';
import { closestName } from './closest-name.ts';
import { UsageError } from './usage-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/**
 * Reads a command's arguments.
 *
 * @throws {UsageError} There is an unknown option, or a value too many or too few.
 */
export function readArguments<const O extends Options>(args: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(faultOf(error as NodeJS.ErrnoException, Object.keys(options)));
  }
}

function faultOf({ code, message }: NodeJS.ErrnoException, names: readonly string[]): string {
  const [, typed] = /^Unknown option '(-[^' ]+)'/.exec(message) ?? [];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || typed === undefined) return message;
  const meant = closestName(typed.replace(/^-+/, ''), names);
  return `There is no option ${typed}${meant === undefined ? '' : `: did you mean --${meant}?`}`;
}

/**
 * Reads a number.
 *
 * @throws {UsageError} It is none, or less than `least`.
 */
export function readNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least) return value;
  throw new UsageError(`--${name} wants a number of ${least} or more, not "${text}"`);
}

/**
 * Reads the URL that is the only argument besides options.
 *
 * @throws {UsageError} There is none, or more, or it is no URL of a WebSocket.
 */
export function readUrl(command: string, positionals: readonly string[]): string {
  const [text, ...others] = positionals;
  if (text === undefined) throw new UsageError(`hawser ${command} wants a URL, such as ws://localhost:8080`);
  if (others.length > 0) throw new UsageError(`hawser ${command} wants one URL, and not also "${others[0]}"`);
  // What people type: a host alone.
  const url = /^[a-z+.-]+:\/\//i.test(text) ? text : `ws://${text}`;
  if (!URL.canParse(url)) throw new UsageError(`"${text}" is no URL`);
  return url;
}
