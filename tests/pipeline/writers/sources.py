"""Whole pipelines of every dialect that we read. Each stage tells on a trail what it did: `stage|what`."""

from __future__ import annotations

from typing import NamedTuple

from tests.examples.conftest import EXAMPLES

TRAIL = "@TRAIL@"


class Source(NamedTuple):
    """A pipeline file, the files beside it, and what is not the same where a system cannot say it.

    `needs` are pairs of stages, of which the first tells all before the second tells anything.
    """

    dialect: str
    path: str
    text: str
    files: tuple[tuple[str, str], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


GRAPH = Source(
    "seatrial",
    "seatrial.yaml",
    """\
project: shop
stages:
  prepare:
    run:
      - mkdir -p data/deep
      - |
        #!/usr/bin/env python3
        open("data/deep/x", "w").write("it's 1\\n")
        open("@TRAIL@", "a").write("prepare|made\\n")
    outputs: [data]
  train:
    run: |
      cat data/deep/x > "m-$size"
      echo "train|$size ${fast:-slow} $SEED $(cat "m-$size") [$GIT]" >> @TRAIL@
    outputs: ["m-$size"]
    needs: [prepare]
    env: {SEED: 'a "7" $x', GIT: $GIT_BRANCH}
    matrix: {size: [small, large], include: [{size: small, fast: quick}]}
  both:
    run: 'cat m-small m-large | wc -l | sed "s/^ */both|/" >> @TRAIL@'
    needs: [train]
  flaky:
    run: 'echo x >> @TRAIL@.flaky; test $(wc -l < @TRAIL@.flaky) -ge 4; echo "flaky|at last" >> @TRAIL@'
    retry: 3
    needs: [prepare]
  quick:
    run: 'echo "quick|in time" >> @TRAIL@'
    timeout: 60s
    when: branch == main
  never: {run: 'echo "never|" >> @TRAIL@', when: branch == other}
  after_never: {run: 'echo "after_never|" >> @TRAIL@', needs: [never]}
  judge:
    evaluate: m-large
    inputs: [predict.py]
    predict: python3 predict.py "$DATA" "$PREDICTIONS"
    data: data.csv
    task: classification
    gates: [accuracy >= 0.9]
  pack: {package: m-large, include: [predict.py], serve: python3 predict.py, needs: [judge]}
  last: {run: 'echo "last|" >> @TRAIL@', needs: [pack, both]}
""",
    (
        ("data.csv", "id,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(400))),
        ("predict.py", "import sys\nlines = open(sys.argv[1]).read().splitlines()\n"
         "rows = [line + ',' + line.split(',')[1] for line in lines[1:]]\n"
         "open(sys.argv[2], 'w').write('\\n'.join(['id,label,prediction', *rows]) + '\\n')\n"),
    ),
    (("prepare", "train"), ("train", "both"), ("prepare", "flaky"), ("both", "last")),
)  # fmt: skip

FAILING = Source(
    "seatrial",
    "seatrial.yaml",
    """\
stages:
  one: 'echo "one|" >> @TRAIL@'
  two:
    run: ['echo "two|$(pwd | tail -c 2)" >> @TRAIL@', 'exit 3', 'echo "two|never" >> @TRAIL@']
    needs: [one]
  slow: {run: 'sleep 600; echo "slow|never" >> @TRAIL@', needs: [one], timeout: 1s}
  three: {run: 'echo "three|" >> @TRAIL@', needs: [two, slow]}
""".replace("$(pwd | tail -c 2)", "there"),
)

JENKINS = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    environment { COLOUR = 'dark blue' }
    stages {
        stage('Build it') {
            environment { LEVEL = "${COLOUR} 3" }
            steps {
                sh 'mkdir -p out; echo "$LEVEL" > out/app; cd out; echo "build|$COLOUR $(cat app)" >> @TRAIL@'
                dir('out/deep') { sh 'echo "build|in $(basename "$PWD")" >> @TRAIL@' }
                writeFile file: 'out/note', text: "it's\\n"
                withEnv(['COLOUR=red']) { sh 'echo "build|$COLOUR $(cat out/note)" >> @TRAIL@' }
            }
            post {
                always { sh 'echo "build|always" >> @TRAIL@' }
                success { sh 'echo "build|success" >> @TRAIL@' }
                failure { sh 'echo "build|failure" >> @TRAIL@' }
            }
        }
        stage('Tests') {
            parallel {
                stage('Unit') { steps { sh '''echo "unit|$(cat out/app)" |
                    cat >> @TRAIL@''' } }
                stage('Lint') { steps { sh 'echo "lint|" >> @TRAIL@' } }
            }
        }
        stage('Flaky') {
            options { retry(3); timeout(time: 1, unit: 'MINUTES') }
            steps {
                sh 'echo "flaky|tried" >> @TRAIL@; test -f again || { touch again; exit 1; }'
                retry(2) { sh 'echo "flaky|inner" >> @TRAIL@; test -f more || { touch more; exit 1; }' }
                timeout(time: 30, unit: 'SECONDS') { sh 'echo "flaky|timed" >> @TRAIL@' }
            }
        }
        stage('Ship') {
            when { branch 'main' }
            steps { sh 'echo "ship|" >> @TRAIL@' }
        }
        stage('Other') {
            when { branch 'other' }
            steps { sh 'echo "other|" >> @TRAIL@' }
        }
    }
}
""",
    needs=(("build", "unit"), ("build", "lint"), ("lint", "flaky"), ("unit", "flaky"), ("flaky", "ship")),
)

BROKEN = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    stages {
        stage('Build') {
            steps { sh 'echo "build|" >> @TRAIL@' }
            post { success { sh 'echo "build|success" >> @TRAIL@' } }
        }
        stage('Test') {
            steps {
                sh 'echo "test|" >> @TRAIL@; false; echo "test|never" >> @TRAIL@'
                sh 'echo "test|never" >> @TRAIL@'
            }
            post {
                success { sh 'echo "test|success" >> @TRAIL@' }
                failure { sh 'echo "test|failure" >> @TRAIL@' }
                always { sh 'echo "test|always" >> @TRAIL@' }
            }
        }
        stage('Deploy') { steps { sh 'echo "deploy|" >> @TRAIL@' } }
    }
}
""",
    needs=(("build", "test"),),
)

COMPUTING = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    parameters { string(name: 'FLAVOUR', defaultValue: 'plain sweet') }
    stages {
        stage('Build') { steps { sh 'echo "build|$FLAVOUR" >> @TRAIL@' } }
        stage('Decide') {
            steps { script { def n = 1 + 1; sh "echo 'decide|${n} ${params.FLAVOUR}' >> @TRAIL@" } }
        }
        stage('Deploy') { steps { sh 'echo "deploy|" >> @TRAIL@' } }
    }
    post { always { sh 'echo "post|" >> @TRAIL@' } }
}
""",
    needs=(("build", "decide"), ("decide", "deploy"), ("deploy", "post")),
)

EXAMPLE = Source(
    "jenkins",
    "Jenkinsfile",
    (EXAMPLES / "jenkins" / "Jenkinsfile").read_text(),
    tuple(
        (f"{name}.sh", f'#!/bin/sh\nset -eu\necho {name} >> kept\necho "{name}|"$(cat kept) >> @TRAIL@\n')
        for name in ("build", "test", "deploy")
    ),
    needs=(("build", "test"), ("test", "deploy")),
)  # fmt: skip

NUMBERED = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    parameters { string(name: 'FLAVOUR', defaultValue: 'sweet') }
    environment {
        IMAGE = "shop:${BUILD_NUMBER}-${env.BRANCH_NAME}"
        PATH = "/opt/odd bin:${env.PATH}"
    }
    stages {
        stage('Tag') {
            steps {
                sh "echo 'tag|${IMAGE} ${params.FLAVOUR}' >> @TRAIL@"
                sh 'echo "tag|$IMAGE $BRANCH_NAME ${#GIT_COMMIT} ${PATH%%:*}" >> @TRAIL@'
                dir('sub') { sh '[ "$WORKSPACE/sub" = "$PWD" ] && echo "tag|in $BUILD_ID" >> @TRAIL@' }
            }
            post { always { sh "echo 'tag|end' ${env.BUILD_NUMBER} >> @TRAIL@" } }
        }
    }
    post { success { sh "echo \\"post|${IMAGE}\\" >> @TRAIL@" } }
}
""",
    needs=(("tag", "post"),),
)

BEHIND_A_TAG = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    stages {
        stage('Build') {
            steps { sh 'mkdir -p dist; echo 1 > dist/app; echo 1 > changed' }
        }
        stage('Change') {
            when { branch 'main' }
            steps { sh 'echo 2 > changed' }
        }
        stage('Publish tag') {
            when { buildingTag() }
            steps { sh 'echo "publish|" >> @TRAIL@' }
        }
        stage('Publish other') {
            when { branch 'other' }
            steps { sh 'echo "other|" >> @TRAIL@' }
        }
        stage('Deploy') {
            when { branch 'main' }
            steps { sh 'echo "deploy|$(cat dist/app) $(cat changed)" >> @TRAIL@; test -f dist/app' }
        }
    }
}
""",
)

SCRIPTED = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    environment { COLOUR = 'red' }
    stages {
        stage('Checkout') { steps { checkout scm } }
        stage('Build') {
            steps {
                script {
                    def out = "dist/${env.COLOUR}"
                    if (isUnix()) { sh "mkdir -p ${out}; echo built > ${out}/app" }
                    for (name in ['one', 'two']) { sh "echo 'build|${name}' >> @TRAIL@" }
                    VERSION = '1.2'
                }
                sh "echo 'build|version $VERSION' >> @TRAIL@"
                retry(2) { script {
                    sh 'echo "build|tried" >> @TRAIL@; test -f again || { touch again; exit 1; }'
                } }
                archiveArtifacts artifacts: 'dist/**'
            }
            post { always { script { sh 'echo "build|always" >> @TRAIL@' } } }
        }
        stage('Test') {
            steps {
                sh 'echo "test|$(cat dist/red/app)" >> @TRAIL@; echo "<testsuite/>" > r.xml'
                sh "echo 'test|version $VERSION' >> @TRAIL@"
            }
            post { always { junit 'r.xml'; sh "echo 'test|always $VERSION' >> @TRAIL@" } }
        }
    }
}
""",
    needs=(("build", "test"),),
)

ENDED = Source(
    "jenkins",
    "Jenkinsfile",
    """\
pipeline {
    agent any
    stages {
        stage('Build') { steps { sh 'echo kept > app; echo "build|" >> @TRAIL@' } }
        stage('Test') { steps { sh 'echo "test|" >> @TRAIL@; echo "<testsuite/>" > r.xml' } }
    }
    post {
        always { sh 'echo "always|$(cat app)" >> @TRAIL@'; junit 'r.xml'; archiveArtifacts 'app' }
        success { echo 'fine'; sh 'echo "success|" >> @TRAIL@' }
        failure { sh 'echo "failure|" >> @TRAIL@' }
    }
}
""",
    needs=(("build", "test"), ("test", "always"), ("test", "success")),
)

ENDED_BADLY = ENDED._replace(
    text=ENDED.text.replace("""; echo "<testsuite/>" > r.xml'""", """; echo x > r.xml; exit 3'""").replace(
        "junit 'r.xml'; ", ""
    ),
    needs=(("build", "test"), ("test", "always"), ("test", "failure")),
)

# The last stage is left out, and the end has more than two parts.
ENDED_WITHOUT = ENDED._replace(
    text=ENDED.text.replace(
        "    }\n    post {",
        "        stage('Other') { when { branch 'other' }; steps { sh 'echo \"other|\" >> @TRAIL@' } }\n"
        "    }\n    post {\n        cleanup { sh 'echo \"cleanup|\" >> @TRAIL@' }",
    ),
    needs=(("test", "always"), ("always", "success"), ("success", "cleanup")),
)

TRAVIS = Source(
    "travis",
    ".travis.yml",
    """\
language: minimal
cache: {directories: [kept]}
env:
  global: [COLOUR=blue]
  jobs: [DB=one, DB=two]
before_install: export CARRIED=yes
before_script: cd sub
script:
  - echo "test|$CARRIED $DB $COLOUR $(basename $PWD) $TRAVIS_BRANCH" >> @TRAIL@
  - '[ "$DB" != two ]'
  - echo "test|$DB goes on" >> @TRAIL@
after_success: echo "test|$DB fine" >> @TRAIL@
after_failure: echo "test|$DB broken $TRAVIS_TEST_RESULT" >> @TRAIL@
after_script: echo "test|$DB over" >> @TRAIL@
jobs:
  allow_failures:
    - env: DB=two
  include:
    - stage: ship
      name: ship it
      before_script: skip
      script: echo "ship|$COLOUR" >> @TRAIL@
      after_success: skip
      after_script: skip
""",
    (("sub/file", "x"),),
    needs=(("test", "ship"),),
)

PLAIN_TRAVIS = Source(
    "travis",
    ".travis.yml",
    """\
language: python
python: ["3.11", "3.12"]
branches: {only: [main, other]}
env: {global: ['COLOUR="dark blue"', WHERE=$PWD/sub]}
before_install:
  - mkdir -p made && echo 1 > made/one
  - cd sub; pwd > here
install: |
  if [ -f file ]; then
    echo "installed|$(basename "$WHERE") $COLOUR" >> @TRAIL@
  fi
script:
  - '[ "$TRAVIS_PYTHON_VERSION" = 3.11 ]'
  - echo "script|$TRAVIS_BRANCH $(cat ../made/one)" >> @TRAIL@
  - python -c 'import sys; print("script|", sys.prefix != sys.base_prefix)' >> @TRAIL@
after_success: echo "script|fine" >> @TRAIL@
after_failure: [echo "script|$TRAVIS_TEST_RESULT" >> @TRAIL@, 'false']
jobs:
  exclude: [python: "3.12"]
  include:
    - &ship
      stage: ship
      language: minimal
      env: []
      before_install: skip
      install: skip
      script: echo "ship|" >> @TRAIL@
      after_success: skip
      if: branch = main
    - {<<: *ship, os: osx}
""",
    (("sub/file", "x"),),
)

HANDED_ON = Source(
    "circleci",
    ".circleci/config.yml",
    """\
version: 2.1
executors:
  vm: {machine: {image: "ubuntu-2204:current"}, working_directory: ~/code}
jobs:
  build:
    executor: vm
    environment: {LEVEL: "it's 3"}
    steps:
      - checkout
      - run: mkdir -p ~/out/deep; echo "$LEVEL" > ~/out/deep/app
      - run:
          name: tell
          working_directory: sub
          environment: {MORE: "$LEVEL"}
          command: |
            # in a folder
            echo "build|$(basename "$PWD") $MORE $CIRCLE_BRANCH" >> @TRAIL@
      - persist_to_workspace: {root: ~/out, paths: [deep]}
      - store_artifacts: {path: sub}
  test:
    executor: vm
    steps:
      - checkout
      - attach_workspace: {at: in}
      - run: echo 'export SHARED=set' >> "$BASH_ENV"
      - run: echo "test|$(cat in/deep/app) $SHARED" >> @TRAIL@
      - run: false | true
      - run: {name: "sad", command: 'echo "test|sad" >> @TRAIL@', when: on_fail}
      - run: {name: report, command: 'echo "test|reported" >> @TRAIL@', when: always}
  other:
    executor: vm
    steps: [checkout, {run: 'echo "other|" >> @TRAIL@'}]
  after:
    executor: vm
    steps: [checkout, {run: 'echo "after|" >> @TRAIL@'}]
workflows:
  main:
    jobs:
      - build
      - other: {requires: [build], filters: {branches: {only: other}}}
      - test: {requires: [build, other]}
      - after: {requires: [test]}
""",
    (("sub/file", "x"),),
    needs=(("build", "test"),),
)

CIRCLECI = Source(
    "circleci",
    ".circleci/config.yml",
    """\
version: 2.1
parameters:
  run-tests: {type: boolean, default: True}
  cluster.name: {type: string, default: small}
executors:
  vm: {machine: {image: "ubuntu-2204:current"}}
commands:
  greet:
    parameters: {who: {type: string, default: world}}
    steps:
      - run: {name: greet, command: "echo \\"build|hello << parameters.who >>\\" >> @TRAIL@"}
jobs:
  build:
    executor: vm
    environment: {LEVEL: "3"}
    steps:
      - checkout
      - greet: {who: builders}
      - run: mkdir -p dist; echo $LEVEL > dist/app
      - run: echo 'export SHARED=set' >> "$BASH_ENV"
      - run: echo "build|$SHARED << pipeline.parameters.cluster.name >>" >> @TRAIL@
      - persist_to_workspace: {root: ., paths: [dist]}
  test:
    executor: vm
    parameters: {kind: {type: enum, enum: [unit, slow], default: unit}}
    steps:
      - checkout
      - attach_workspace: {at: .}
      - run: echo "test|<< parameters.kind >> $(cat dist/app)" >> @TRAIL@
      - run: {name: report, command: 'echo "test|reported" >> @TRAIL@', when: always}
      - run: {name: sad, command: 'echo "test|sad" >> @TRAIL@', when: on_fail}
  deploy:
    executor: vm
    steps: [checkout, {run: 'echo "deploy|" >> @TRAIL@; false'}]
  last:
    executor: vm
    steps: [{run: 'echo "last|" >> @TRAIL@'}]
workflows:
  main:
    jobs:
      - build
      - test: {matrix: {parameters: {kind: [unit, slow]}}, requires: [build]}
      - deploy: {requires: [test], filters: {branches: {only: main}}}
      - last: {requires: [deploy]}
""",
    needs=(("build", "test"), ("test", "deploy")),
)

PRINTED = Source(
    "jenkins",
    "Jenkinsfile",
    """\
def kept = ''
def shout(text) { return text.toUpperCase() }
pipeline {
  agent any
  parameters {
    string(name: 'COLOUR', defaultValue: 'dark red')
    booleanParam(name: 'FAST', defaultValue: false)
  }
  environment {
    STAMP = sh(script: 'echo once >> @TRAIL@; printf stamp', returnStdout: true).trim()
    WHICH = "${params.FAST ? 'quick' : 'slow'}"
  }
  stages {
    stage('Read') {
      steps {
        script {
          def name = sh(script: 'printf "  a b\\n"', returnStdout: true).trim()
          kept = shout(name)
          env.TAG = "v-${name}"
          sh "printf '%s|%s\\n' Read '${name}' >> @TRAIL@"
          dir('deep') {
            sh 'echo hidden > file'
            def found = readFile('file').trim()
            sh "printf '%s|%s|%s\\n' Read ${found} ${STAMP} >> @TRAIL@"
          }
          if (sh(script: 'test -e nowhere', returnStatus: true) == 0) {
            sh "echo 'Read|there' >> @TRAIL@"
          } else {
            sh "echo 'Read|not there' >> @TRAIL@"
          }
        }
      }
    }
    stage('Use') {
      steps {
        sh 'echo "Use|$TAG|$STAMP|$WHICH" >> @TRAIL@'
        sh "echo 'Use|${env.TAG}' >> @TRAIL@"
        script {
          sh "cat >> @TRAIL@ <<'END'\\nUse|${kept} \\\\ # no remark\\nEND"
          sh "#!/bin/bash\\nread -r line <<< 'Use|bash'; echo \\$line >> @TRAIL@"
          try {
            sh 'echo "Use|tried" >> @TRAIL@; false'
            sh 'echo "Use|never" >> @TRAIL@'
          } catch (error) {
            sh 'echo "Use|caught" >> @TRAIL@'
          } finally {
            sh 'echo "Use|at last" >> @TRAIL@'
          }
        }
      }
    }
    stage('Dark') {
      when { expression { params.COLOUR.startsWith('dark') && !params.FAST } }
      steps { sh 'echo "Dark|$COLOUR" >> @TRAIL@' }
      post { always { sh 'echo "Dark|end" >> @TRAIL@' } }
    }
    stage('Fast') {
      when { expression { params.FAST } }
      steps { sh 'echo "Fast|" >> @TRAIL@' }
      post { always { sh 'echo "Fast|end" >> @TRAIL@' } }
    }
    stage('On main') {
      when { expression { env.BRANCH_NAME == 'main' } }
      stages {
        stage('Inner') { steps { sh 'echo "Inner|" >> @TRAIL@' } }
      }
    }
    stage('Elsewhere') {
      when { expression { return env.BRANCH_NAME ==~ /release.*/ } }
      steps { sh 'echo "Elsewhere|" >> @TRAIL@' }
    }
    stage('Put aside') {
      steps {
        dir('out') {
          sh 'mkdir -p a/b; echo 1 > a/b/x.txt; echo 2 > y.txt; echo 3 > z.log'
          stash name: 'texts', includes: '**/*.txt', excludes: 'y*'
        }
      }
    }
    stage('Back') {
      steps {
        dir('in') {
          unstash 'texts'
          sh 'echo "Back|$(find . -type f)" >> @TRAIL@'
        }
        catchError(buildResult: 'SUCCESS', stageResult: 'SUCCESS') {
          sh 'echo "Back|forgiven" >> @TRAIL@; false'
          sh 'echo "Back|never" >> @TRAIL@'
        }
        timeout(5) {
          script {
            if (params.FAST) { sh 'echo "Back|fast" >> @TRAIL@' } else { sh 'echo "Back|slow" >> @TRAIL@' }
          }
        }
      }
    }
    stage('Windows') {
      steps { script { if (isUnix()) { sh 'echo "Windows|unix" >> @TRAIL@' } else { bat 'echo' } } }
    }
    stage('Fails') {
      steps { script { sh 'echo "Fails|" >> @TRAIL@'; bat 'echo' ; sh 'echo "Fails|never" >> @TRAIL@' } }
    }
    stage('Never') { steps { sh 'echo "Never|" >> @TRAIL@' } }
  }
}
""",
    needs=(("Read", "Use"), ("Use", "Dark")),
)

SOURCES = {
    "printed": PRINTED,
    "graph": GRAPH,
    "failing": FAILING,
    "jenkins": JENKINS,
    "broken": BROKEN,
    "computing": COMPUTING,
    "example": EXAMPLE,
    "numbered": NUMBERED,
    "behind-a-tag": BEHIND_A_TAG,
    "scripted": SCRIPTED,
    "ended": ENDED,
    "ended-badly": ENDED_BADLY,
    "ended-without": ENDED_WITHOUT,
    "travis": TRAVIS,
    "plain-travis": PLAIN_TRAVIS,
    "handed-on": HANDED_ON,
    "circleci": CIRCLECI,
}
