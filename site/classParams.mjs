// A plugin of TypeDoc. Editors show a class's docstring after `new`, so the parameters of constructors are documented there.
// TypeDoc expects them at the constructor.
import { Comment, Converter, ReflectionKind } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const type of project.getReflectionsByKind(ReflectionKind.Class)) {
      for (const tag of takeParams(type.comment)) {
        const parameters = type
          .getChildByName("constructor")
          .signatures.flatMap((each) => each.parameters ?? []);
        for (const parameter of parameters.filter(({ name }) => name === tag.name)) {
          parameter.comment = new Comment(tag.content);
        }
      }
    }
  });
}

/** Removes `@param` from a comment, and `@defaultValue` with the parameter before it. */
function takeParams(comment) {
  const taken = [];
  const tags = comment?.blockTags ?? [];
  for (const tag of tags.filter(({ tag }) => ["@param", "@defaultValue"].includes(tag))) {
    comment.blockTags.splice(comment.blockTags.indexOf(tag), 1);
    if (tag.tag === "@param") {
      taken.push(tag);
    } else {
      taken.at(-1)?.content.push({ kind: "text", text: " Default: " }, ...tag.content);
    }
  }
  return taken;
}
