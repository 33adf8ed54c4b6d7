"""Parts of CircleCI's own orbs that need no registry, in words of ours, by the name of the orb.

They are read as an orb that stands in the file itself. What the orb of that name has besides is refused as
ever; parameters that say nothing here are taken, and have no use.
"""

from __future__ import annotations

# What has changed since a revision, against a mapping: a line is `PATTERN PARAMETER VALUE FILE`, where
# the file, or the parameter and its value, may be missing. What is not committed yet has changed too.
_PATH_FILTERING = r"""
executors:
  default:
    parameters: {tag: {type: string, default: current}}
    docker: [image: 'cimg/base:<< parameters.tag >>']
jobs:
  filter:
    parameters:
      base-revision: {type: string, default: main}
      mapping: {type: string, default: ''}
      exclude: {type: string, default: ''}
      config-path: {type: string, default: .circleci/continue_config.yml}
      same-base-run: {type: boolean, default: true}
      checkout: {type: boolean, default: true}
      workspace_path: {type: string, default: ''}
      output-path: {type: string, default: ''}
      checkout_method: {type: string, default: full}
      resource_class: {type: string, default: small}
      circleci_domain: {type: string, default: circleci.com}
      circleci_ip_ranges: {type: boolean, default: false}
      executor: {type: executor, default: default}
      tag: {type: string, default: current}
    machine: true
    steps:
    - when: {condition: << parameters.checkout >>, steps: [checkout]}
    - when:
        condition: << parameters.workspace_path >>
        steps: [attach_workspace: {at: << parameters.workspace_path >>}]
    - run:
        name: Filter by paths
        environment:
          BASE: << parameters.base-revision >>
          MAPPING: << parameters.mapping >>
          EXCLUDE: << parameters.exclude >>
          CONFIG: << parameters.config-path >>
          SAME: << parameters.same-base-run >>
        command: |
          [ ! -f "$MAPPING" ] || MAPPING=$(cat "$MAPPING")
          [ ! -f "$EXCLUDE" ] || EXCLUDE=$(cat "$EXCLUDE")
          commit_of() { git rev-parse --verify --quiet "$1^{commit}"; }
          base=$(commit_of "origin/$BASE" || commit_of "$BASE") ||
            { echo "there is no revision $BASE here to compare with: git fetch brings it" >&2; exit 1; }
          since=$(git merge-base "$base" HEAD)
          if [ "$since" = "$(commit_of HEAD)" ] && [ "$SAME" = 1 ]; then
            since=$(commit_of HEAD~1 || git hash-object -t tree /dev/null)
          fi
          git() { command git -c core.quotepath=false "$@"; }
          kept=$(git diff --name-only "$since"; git ls-files --others --exclude-standard)
          printf 'changed since %s, at %s:\n%s\n' "$BASE" "$since" "$kept"
          while read -r path; do
            [ -z "$path" ] || kept=$(printf '%s\n' "$kept" | grep -vP -e "^(?:$path)\$" || true)
          done <<< "$EXCLUDE"
          given= configs=
          while read -r path name value config more; do
            case $path in '' | '#'*) continue ;; esac
            [ -z "$more" ] || { echo "more than four words for $path" >&2; exit 1; }
            printf '%s\n' "$kept" | grep -qP -e "^(?:$path)\$" || continue
            [ -n "$value" ] || { config=$name; name=; }
            [ -z "$name" ] || given="$given --param $name=$value"
            case " $configs " in *" $config "*) ;; *) configs="$configs $config" ;; esac
          done <<< "$MAPPING"
          mkdir -p .circleci-kept/continuation
          for config in ${configs:-$CONFIG}; do
            cp "$config" .circleci-kept/continuation/
            echo "the pipeline goes on with this file: seatrial run -f $config --dialect circleci$given"
          done
    - store_artifacts: {path: .circleci-kept/continuation, destination: continuation}
"""
_CONTINUATION = """
executors:
  default:
    parameters: {tag: {type: string, default: stable}}
    docker: [image: 'cimg/base:<< parameters.tag >>']
jobs:
  continue:
    parameters:
      configuration_path: {type: string, default: .circleci/continue_config.yml}
      parameters: {type: string, default: ''}
      checkout: {type: boolean, default: true}
      workspace_path: {type: string, default: ''}
      resource_class: {type: string, default: small}
      circleci_domain: {type: string, default: circleci.com}
      circleci_ip_ranges: {type: boolean, default: false}
      executor: {type: executor, default: default}
    machine: true
    steps:
    - when: {condition: << parameters.checkout >>, steps: [checkout]}
    - when:
        condition: << parameters.workspace_path >>
        steps: [attach_workspace: {at: << parameters.workspace_path >>}]
    - continue:
        configuration_path: << parameters.configuration_path >>
        parameters: << parameters.parameters >>
"""
_MACHINE = """
executors:
  default:
    parameters:
      image: {type: string, default: ubuntu-2204:current}
      docker_layer_caching: {type: boolean, default: false}
      resource_class: {type: string, default: medium}
    machine: {image: << parameters.image >>}
"""


def _of_image(name: str, tag: str) -> str:
    """An orb whose executor is one of CircleCI's images; `tag` is what says nothing of its own."""
    return f"""
executors:
  default:
    parameters:
      tag: {{type: string{tag and f", default: '{tag}'"}}}
      resource_class: {{type: string, default: medium}}
    docker: [image: 'cimg/{name}:<< parameters.tag >>']
"""


KNOWN_ORBS = {
    "circleci/path-filtering": _PATH_FILTERING,
    "circleci/continuation": _CONTINUATION,
    "circleci/aws-cli": _of_image("base", "current"),
    "circleci/aws-ecr": _MACHINE,
    "circleci/node": _of_image("node", "lts"),
    "circleci/python": _of_image("python", "3.14"),
    "circleci/ruby": _of_image("ruby", "2.7"),
    "circleci/go": _of_image("go", ""),
}
# Of these, each version of the orb has another tag of its own.
OF_VERSION = ("circleci/node", "circleci/python", "circleci/ruby")
