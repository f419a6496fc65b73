const COLOURS = 6;

export interface AvatarProps {
  readonly name: string;
}

/** Stands for a name that is written beside it. */
export function Avatar({ name }: AvatarProps) {
  const colour = [...name].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0) % COLOURS;
  return (
    <span className="avatar" data-colour={colour} aria-hidden="true">
      {[...name][0]!.toUpperCase()}
    </span>
  );
}
