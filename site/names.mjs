// A plugin of TypeDoc: modules are called as they are imported, and pages by their headings.
import { Converter } from 'typedoc';

const HEADING = /^# (.*)\n/;

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const [first] = document.content;
    const [, title] = HEADING.exec(first?.text ?? '') ?? [];
    if (title !== undefined) document.name = title;
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // The site's name is above it.
    const [first] = project.readme ?? [];
    if (first !== undefined) first.text = first.text.replace(HEADING, '');
    for (const module of project.children ?? []) module.name = module.name.replace(/^src(?=\/|$)/, 'hawser');
  });
}
