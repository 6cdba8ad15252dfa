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
install(FILES README.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})

# pages and completions are what the program itself prints, so that they say what --help says
set(pages ${CMAKE_BINARY_DIR}/pages)
add_custom_command(OUTPUT ${pages}/mdpbench
  COMMAND sh ${CMAKE_SOURCE_DIR}/packaging/pages.sh $<TARGET_FILE:mdpbench> ${pages}
  COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${pages}/changelog.gz
  DEPENDS mdpbench packaging/pages.sh CHANGELOG.md)
add_custom_target(pages ALL DEPENDS ${pages}/mdpbench)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1.gz")
install(FILES ${pages}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${pages}/mdpbench DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
install(FILES ${pages}/_mdpbench DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/vendor-completions)

# ---- the .deb: cpack -G DEB --config build/CPackConfig.cmake ----

# libraries that are opened when they are needed are in no list of dpkg-shlibdeps: their packages are asked for
function(mdp_package_of library package)
  file(REAL_PATH ${library} file)
  execute_process(COMMAND dpkg-query -S ${file} OUTPUT_VARIABLE owner ERROR_QUIET)
  string(REGEX MATCH "^[^:]+" name "${owner}")
  set(${package} ${name} PARENT_SCOPE)
endfunction()
foreach(library IN ITEMS ${DNNL_LIBRARY} ${ZIP_LIBRARY} ${LZF_LIBRARY})
  mdp_package_of(${library} package)
  list(APPEND opened ${package})
endforeach()
list(JOIN opened ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
if(MUJOCO_LIBRARY)
  mdp_package_of(${MUJOCO_LIBRARY} CPACK_DEBIAN_PACKAGE_SUGGESTS)
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The mdpbench maintainers <mdpbench@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "benchmark of modular diffusion policies in offline reinforcement learning")
set(CPACK_PACKAGE_DESCRIPTION "Trains, recombines and evaluates diffusion policies in simulated
environments, and decides with statistics whether anything has changed.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS gnuplot-nox)
# dpkg tells the linker of the library once, with those of other packages
file(WRITE ${CMAKE_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/triggers)
include(CPack)

# what Debian expects of a package's folder of documents
file(WRITE ${CMAKE_BINARY_DIR}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: mdpbench

Files: *
Copyright: 2026 The mdpbench maintainers
License: GPL-3+
 On Debian systems the text of the licence is in /usr/share/common-licenses/GPL-3.
")
install(FILES ${CMAKE_BINARY_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
