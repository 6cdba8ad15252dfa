# what `cmake --install` puts where, and the .deb of it. included by CMakeLists.txt.
include(GNUInstallDirs)

# data keep the paths that they have in the checkout, below share/mdpbench, where the program looks for them
# (bench/run/data.h); the first folder is the one by which it knows the place
set(data_folders results/reference/behavior bench/experiments bench/gates)
set(share ${CMAKE_INSTALL_DATAROOTDIR}/mdpbench)
file(RELATIVE_PATH data_from_program /p/${CMAKE_INSTALL_BINDIR} /p/${share})
list(JOIN data_folders "\",\"" quoted_folders)
set_property(SOURCE bench/run/data.c APPEND PROPERTY COMPILE_DEFINITIONS
  MDP_DATA_FROM_PROGRAM="${data_from_program}" "MDP_DATA_FOLDERS=\"${quoted_folders}\"")

install(TARGETS mdpbench RUNTIME)
foreach(folder IN LISTS data_folders)
  install(DIRECTORY ${folder}/ DESTINATION ${share}/${folder})
endforeach()
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES README.md CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})

# pages and completions are what the program itself prints, so that they say what --help says
set(pages ${CMAKE_BINARY_DIR}/pages)
add_custom_command(OUTPUT ${pages}/mdpbench
  COMMAND sh ${CMAKE_SOURCE_DIR}/packaging/pages.sh $<TARGET_FILE:mdpbench> ${pages}
  DEPENDS mdpbench packaging/pages.sh)
add_custom_target(pages ALL DEPENDS ${pages}/mdpbench)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1.gz")
install(FILES ${pages}/mdpbench DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
install(FILES ${pages}/_mdpbench DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/vendor-completions)
